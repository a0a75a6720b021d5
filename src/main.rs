//! The program: runs the command, prints one error, chooses the exit status.

use std::process::ExitCode;

mod cli;

fn main() -> ExitCode {
    let result = cli::run(std::env::args_os());
    if let Err(error) = &result
        && !error.is_closed_pipe()
    {
        cli::tell(&error.to_string());
    }
    ExitCode::from(cli::exit_status(&result))
}
