//! How far a scan is: bytes of disk, so that the share is right for compressed sources too.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use logscan::scan::Watch;

use super::options::When;

/// Draws a second, but for the first few, which may come faster.
const DRAWS_HZ: u8 = 10;

/// With the size known.
const OF_TOTAL: &str = "[{bar:24}] {percent:>3} %  {decimal_bytes} of {decimal_total_bytes}, \
    {decimal_bytes_per_sec}, {eta} left";

/// With the size not known, as for a pipe.
const OF_UNKNOWN: &str = "{spinner} {decimal_bytes} read, {decimal_bytes_per_sec}";

/// Shows how far a scan is, on standard error, until it is dropped.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Begins without a size; the scan tells it. On something that is no terminal, `Always` gives
    /// a line a second, and `Auto` nothing.
    pub fn new(when: When) -> Progress {
        let is_terminal = io::stderr().is_terminal() && !super::options::is_dumb_terminal();
        let target = match when {
            When::Never => ProgressDrawTarget::hidden(),
            When::Auto | When::Always if is_terminal => {
                ProgressDrawTarget::stderr_with_hz(DRAWS_HZ)
            }
            When::Auto => ProgressDrawTarget::hidden(),
            When::Always => {
                ProgressDrawTarget::term_like_with_hz(Box::<Lines>::default(), DRAWS_HZ)
            }
        };
        Progress { bar: ProgressBar::with_draw_target(None, target).with_style(style(OF_UNKNOWN)) }
    }
}

impl Watch for Progress {
    fn begin(&self, disk_bytes: Option<u64>) {
        if let Some(disk_bytes) = disk_bytes {
            self.bar.set_style(style(OF_TOTAL).progress_chars("=> "));
            self.bar.set_length(disk_bytes);
        }
    }

    fn restart(&self) {
        self.bar.set_position(0);
    }

    fn advance(&self, disk_bytes: u64) {
        self.bar.inc(disk_bytes);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    // The templates are ours, and a test reads them: the other style is never seen.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Standard error where it is no terminal: a line a second at most, and nothing is cleared.
#[derive(Debug, Default)]
struct Lines {
    state: Mutex<LinesState>,
}

#[derive(Debug, Default)]
struct LinesState {
    line: String,
    last_print: Option<Instant>,
}

impl TermLike for Lines {
    fn width(&self) -> u16 {
        100
    }

    fn move_cursor_up(&self, _lines: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _lines: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _columns: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _columns: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write_str(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).line.push_str(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let line = std::mem::take(&mut state.line);
        let is_due = state.last_print.is_none_or(|last| last.elapsed() >= Duration::from_secs(1));
        if line.trim().is_empty() || !is_due {
            return Ok(());
        }
        state.last_print = Some(Instant::now());
        writeln!(io::stderr(), "{}", line.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_templates() {
        for template in [OF_TOTAL, OF_UNKNOWN] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }

    #[test]
    fn bytes_add_up() {
        let progress = Progress::new(When::Never);
        progress.begin(Some(100));
        progress.advance(30);
        progress.advance(30);
        assert_eq!((progress.bar.position(), progress.bar.length()), (60, Some(100)));
    }
}
