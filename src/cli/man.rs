//! `logscan man`: the manual page, in roff.

use std::io;

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use logscan::error::{Error, Result};

use super::{Cli, ENVIRONMENT, EXAMPLES, EXIT_STATUSES, Outcome, output};

/// Prints the manual page.
///
/// # Errors
///
/// When standard output cannot be written.
pub fn run() -> Result<Outcome> {
    let mut page = Vec::new();
    write(&mut page).map_err(|cause| Error::write("standard output".as_ref(), cause))?;
    output::to_stdout(&mut |out| out.write_all(&page))?;
    Ok(Outcome::Fine)
}

fn write(page: &mut Vec<u8>) -> io::Result<()> {
    let command = Cli::command();
    let man = Man::new(command.clone());
    man.render_title(page)?;
    man.render_name_section(page)?;
    synopsis().to_writer(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    commands(&command).to_writer(page)?;
    definitions("EXIT STATUS", EXIT_STATUSES).to_writer(page)?;
    definitions("ENVIRONMENT", ENVIRONMENT).to_writer(page)?;
    definitions("EXAMPLES", EXAMPLES).to_writer(page)?;
    man.render_version_section(page)
}

/// Ours is shorter than clap_mangen's, which names every option.
fn synopsis() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    roff.text([bold("logscan"), roman(" [OPTIONS] [SOURCE]...")]);
    roff.control("br", []);
    roff.text([bold("logscan"), roman(" COMMAND")]);
    roff
}

fn commands(command: &Command) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["COMMANDS"]);
    for command in command.get_subcommands() {
        let mut command = command.clone().bin_name(format!("logscan {}", command.get_name()));
        let usage = command.render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ").trim().to_string();
        let about = command.get_long_about().or(command.get_about());
        roff.control("TP", []);
        roff.text([bold(usage)]);
        roff.text([roman(about.map(ToString::to_string).unwrap_or_default())]);
    }
    roff
}

fn definitions(heading: &str, rows: &[(&str, &str)]) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [heading]);
    for (term, meaning) in rows {
        roff.control("TP", []);
        roff.text([bold(*term)]);
        roff.text([roman(*meaning)]);
    }
    roff
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_has_every_option_and_command() {
        let mut page = Vec::new();
        super::write(&mut page).unwrap();
        let page = String::from_utf8(page).unwrap().replace('\\', "");
        for word in ["--fail-on", "--timezone", "EXIT STATUS", "logscan explain", "EXAMPLES"] {
            assert!(page.contains(word), "{word}");
        }
    }
}
