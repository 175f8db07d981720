//! An exploration in a file.
//!
//! States themselves are not written: each is the end of a run, and is made by that run again.

use std::io::{self, Read, Write};

use rayon::prelude::*;

use super::{Choice, Exploration, Node, State};
use crate::prove::world::Setting;

/// The format of the file.
const MAGIC: [u8; 8] = *b"dpprove1";

/// Why an exploration cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ResumeError {
    /// The file cannot be read to its end.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// It is no file of this kind.
    #[error("it was not written by an exploration")]
    NotSaved,
    /// It is of another script.
    #[error("it is an exploration of another script")]
    OtherScript,
    /// The same script has other states.
    #[error("it was written by another version of this program")]
    OtherProgram,
}

impl Exploration<'_> {
    /// Writes where it stands.
    ///
    /// # Errors
    /// Those of `to`.
    pub fn save(&self, to: &mut dyn Write) -> io::Result<()> {
        to.write_all(&MAGIC)?;
        let text = self.setting.script.text.as_bytes();
        write_number(to, text.len() as u64)?;
        to.write_all(text)?;
        write_number(to, self.deviations.into())?;
        write_number(to, self.depth.into())?;
        write_number(to, self.transitions)?;
        write_number(to, self.nodes.len() as u64)?;
        for Node { parent, choice } in &self.nodes {
            to.write_all(&parent.to_le_bytes())?;
            to.write_all(&choice.to_bytes())?;
        }
        write_number(to, self.met.len())?;
        for (fingerprint, spent) in self.met.iter() {
            write_number(to, fingerprint)?;
            to.write_all(&[spent])?;
        }
        for states in [&self.layer, &self.next] {
            write_number(to, states.len() as u64)?;
            for state in states {
                to.write_all(&state.node.to_le_bytes())?;
            }
        }
        Ok(())
    }

    pub(crate) fn load<'a>(
        setting: &'a Setting,
        jobs: usize,
        from: &mut dyn Read,
    ) -> Result<Exploration<'a>, ResumeError> {
        if read_bytes(from)? != MAGIC {
            return Err(ResumeError::NotSaved);
        }
        let text = &setting.script.text;
        let length = read_number(from)?;
        let mut saved = Vec::new();
        from.take(length).read_to_end(&mut saved)?;
        if saved != text.as_bytes() {
            return Err(ResumeError::OtherScript);
        }
        let deviations = u8::try_from(read_number(from)?).map_err(|_| ResumeError::NotSaved)?;
        let mut exploration = Exploration::empty(setting, deviations, jobs);
        exploration.depth = u32::try_from(read_number(from)?).map_err(|_| ResumeError::NotSaved)?;
        exploration.transitions = read_number(from)?;
        for _ in 0..read_number(from)? {
            let parent = u32::from_le_bytes(read_bytes(from)?);
            let choice = Choice::from_bytes(read_bytes(from)?).ok_or(ResumeError::NotSaved)?;
            exploration.nodes.push(Node { parent, choice });
        }
        for _ in 0..read_number(from)? {
            let fingerprint = read_number(from)?;
            let [spent] = read_bytes(from)?;
            exploration.met.meet(fingerprint, spent);
        }
        let layer = exploration.load_states(from)?;
        let next = exploration.load_states(from)?;
        (exploration.layer, exploration.next) = (layer.into(), next.into());
        Ok(exploration)
    }

    fn load_states(&self, from: &mut dyn Read) -> Result<Vec<State>, ResumeError> {
        let count = read_number(from)?;
        let nodes = (0..count).map(|_| Ok(u32::from_le_bytes(read_bytes(from)?)));
        let nodes = nodes.collect::<Result<Vec<u32>, ResumeError>>()?;
        let load = || nodes.par_iter().map(|node| self.state_of(*node)).collect::<Option<Vec<State>>>();
        self.pool.install(load).ok_or(ResumeError::OtherProgram)
    }

    /// The state at the end of a run, if this program still makes it.
    fn state_of(&self, node: u32) -> Option<State> {
        let length = u32::try_from(self.nodes.len()).ok()?;
        let (_, _, spent, world) = (node < length).then(|| self.walk(node, None))??;
        (self.met.get(world.fingerprint()) == Some(spent)).then_some(State { node, spent, world })
    }
}

fn write_number(to: &mut dyn Write, number: u64) -> io::Result<()> {
    to.write_all(&number.to_le_bytes())
}

fn read_number(from: &mut dyn Read) -> io::Result<u64> {
    read_bytes(from).map(u64::from_le_bytes)
}

fn read_bytes<const N: usize>(from: &mut dyn Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}
