//! The binary: hands the command line over, and the exit code back.

fn main() -> std::process::ExitCode {
    dupeproof::main(std::env::args_os()).into()
}
