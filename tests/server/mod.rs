//! A web server on loopback, for tests that ask the real one.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server that stops with the test.
pub struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Waits until it listens; `None` where it stopped instead.
    pub fn start(mut command: Command, port: u16) -> Option<Server> {
        let child = command.stderr(Stdio::null()).stdout(Stdio::null()).spawn().ok()?;
        let mut server = Server { child, port };
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Some(server);
            }
            if server.child.try_wait().ok()?.is_some() {
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }

    /// The status and the `Location` of an answer, and all of it.
    pub fn ask(&self, host: &str, target: &[u8]) -> (u16, Option<String>, String) {
        self.ask_with("GET", host, target, "")
    }

    /// The same with a method, and with header lines that each end in a line end.
    pub fn ask_with(
        &self,
        method: &str,
        host: &str,
        target: &[u8],
        headers: &str,
    ) -> (u16, Option<String>, String) {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let rest = format!(" HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\n\r\n");
        let request = [method.as_bytes(), b" ", target, rest.as_bytes()].concat();
        connection.write_all(&request).unwrap();
        let mut answer = Vec::new();
        let _ = connection.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let location = answer.lines().find_map(|line| line.strip_prefix("Location: "));
        let origin = format!("http://{host}");
        let location = location.map(|location| {
            let path = location.strip_prefix(&origin).unwrap_or(location);
            path.strip_prefix(&format!(":{}", self.port)).unwrap_or(path).to_string()
        });
        (status, location, answer)
    }
}

/// A port that nobody has.
pub fn port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// A program that packages put where only root looks for it; `None` where there is none.
pub fn program(name: &str) -> Option<Command> {
    let folders = ["/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin"];
    let path = folders.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.exists());
    path.map(Command::new)
}
