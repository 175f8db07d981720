//! Completions and manual pages, from outside.

use clap::CommandFactory;
use dupeproof::args::Arguments;

use crate::terminal::Terminal;

/// The commands, without clap's own `help`.
fn commands() -> Vec<String> {
    Arguments::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

#[test]
fn every_shell_completes_every_command() {
    let terminal = Terminal::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let answer = terminal.dupeproof(&format!("completions {shell}"));
        assert_eq!(answer.code, 0, "{}", answer.stderr);
        for command in commands() {
            assert!(answer.stdout.contains(&command), "{shell} does not complete {command}");
        }
    }
    assert_eq!(terminal.dupeproof("completions tcsh").code, 2);
}

#[test]
fn every_command_has_a_page_of_the_manual() {
    let terminal = Terminal::new();
    assert!(terminal.dupeproof("man").stdout.contains(".TH dupeproof 1"));
    assert_eq!(terminal.dupeproof("man pages/man1").code, 0);
    assert_eq!(terminal.dupeproof("man pages/man1").code, 0, "its own pages are written again");
    for command in commands() {
        let page = terminal.read(&format!("pages/man1/dupeproof-{command}.1"));
        assert!(page.contains(&format!(".TH dupeproof-{command} 1")), "{page}");
    }
    terminal.write("others/dupeproof.1", "something else");
    terminal.dupeproof("man others").refuses(&["`others/dupeproof.1`", "was not written by dupeproof"]);
}
