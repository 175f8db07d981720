//! The subjects that are built in.

mod attributes;
mod change;
pub mod core;
pub mod embed;
pub mod game;
pub(crate) mod leased;
pub mod naive;
#[cfg(debug_assertions)]
mod planted;

use dupeproof_sim::Subject;

/// Where subjects are looked up by name.
pub struct Subjects(Vec<Box<dyn Subject>>);

impl Default for Subjects {
    /// The built-in ones.
    fn default() -> Subjects {
        Subjects(vec![
            Box::new(core::CoreSubject::default()),
            Box::new(embed::EmbedSubject::default()),
            Box::new(naive::NaiveSubject),
        ])
    }
}

impl Subjects {
    /// Adds one.
    pub fn add(&mut self, subject: Box<dyn Subject>) {
        self.0.push(subject);
    }

    /// By name.
    pub fn named(&self, name: &str) -> Option<&dyn Subject> {
        let found = self.all().find(|subject| subject.name() == name);
        #[cfg(debug_assertions)]
        let found = found.or_else(|| (name == planted::NAME).then_some(&planted::PlantedSubject));
        found
    }

    /// All, in a fixed order.
    pub fn all(&self) -> impl Iterator<Item = &dyn Subject> {
        self.0.iter().map(|subject| &**subject)
    }
}
