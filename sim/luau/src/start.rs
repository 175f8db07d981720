//! What all servers of a program begin with: the prelude is loaded and the user's files are mounted, and nothing of the user's
//! has run.

#[cfg(not(feature = "system-memory"))]
use std::sync::OnceLock;

use dupeproof_sim::guest::Turn;
use dupeproof_sim::subject::Boot;

use crate::guest::Program;
use crate::host::{self, Memory, Session};
#[cfg(not(feature = "system-memory"))]
use crate::raw::Image;
use crate::raw::{Limits, State};
use crate::value::Answer;

/// The machine that the first server makes and the others copy. It depends on the program's prelude, tree and limits alone.
#[derive(Default)]
pub(crate) struct Start {
    #[cfg(not(feature = "system-memory"))]
    image: OnceLock<Result<Option<Image>, String>>,
}

impl Start {
    /// A machine to boot a server with.
    ///
    /// # Errors
    /// What the prelude could not do, such as hold a tree that is larger than a server's memory.
    #[cfg(not(feature = "system-memory"))]
    pub(crate) fn state(&self, program: &Program, boot: &Boot, turn: &Turn<'_>) -> Result<State, String> {
        let limits = program.limits.shared_by(boot.servers);
        let image = self.image.get_or_init(|| {
            with_session(program, boot, turn, |session| {
                State::image(program.limits, &host::names(), &program.prelude.entry(), session, &mount())
            })
        });
        match image {
            Ok(Some(image)) => Ok(State::of(image, limits)),
            Ok(None) => with_session(program, boot, turn, |session| made(program, limits, session)),
            Err(problem) => Err(problem.clone()),
        }
    }

    /// As where machines can be copied.
    ///
    /// # Errors
    /// As there.
    #[cfg(feature = "system-memory")]
    pub(crate) fn state(&self, program: &Program, boot: &Boot, turn: &Turn<'_>) -> Result<State, String> {
        let limits = program.limits.shared_by(boot.servers);
        with_session(program, boot, turn, |session| made(program, limits, session))
    }
}

/// A machine that is no copy.
fn made(program: &Program, limits: Limits, session: &mut Session<'_, '_>) -> Result<State, String> {
    let mut state = State::new(limits, &host::names(), &program.prelude.entry(), session)?;
    state.dispatch(session, &mount())?;
    state.rest();
    Ok(state)
}

/// Calls a function with a host whose memory is thrown away: mounting leaves nothing there.
fn with_session<T>(program: &Program, boot: &Boot, turn: &Turn<'_>, make: impl FnOnce(&mut Session<'_, '_>) -> T) -> T {
    let (mut memory, mut out) = (Memory::new(program, boot), Vec::new());
    let result = make(&mut Session::new(&mut memory, turn, &mut out));
    debug_assert!(out.is_empty(), "nothing runs yet that could say or ask for anything");
    result
}

/// What the prelude is to do, at no time.
fn mount() -> [Answer; 2] {
    [Answer::Nil, "mount".into()]
}

#[cfg(all(test, not(feature = "system-memory")))]
mod tests {
    use std::path::Path;

    use crate::interpreter::Interpreter;
    use crate::subject::{Options, program};

    #[test]
    fn servers_begin_as_copies() {
        let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/fenced.luau");
        let program = program(&Options::module(&module, "naive").expect("it is there"));
        Interpreter::start(&program, &[]).map(drop).expect("it starts");
        assert!(matches!(program.start.image.get(), Some(Ok(Some(_)))), "two servers that start do the same");
    }
}
