//! Unmodified Luau modules and server scripts, run on the virtual game servers.
//!
//! A [`LuauSubject`] is a subject (a system under test) made of a user's scripts. Each server is a Luau virtual machine
//! of its own, and a *prelude* written in Luau plays the part of Roblox in it: `game`, `task`, DataStoreService and so
//! on. An *adapter* is a small script that says how a module loads, saves and reads a player's data; without one, the
//! user's server script is the game.
//!
//! # The loop
//!
//! 1. [`Options`] lay out the user's [`Files`] as Rojo would, and name the module, the adapter or the server script.
//! 2. [`LuauSubject::new`] compiles them once and starts them once, so that a script that does not start is an error
//!    here and not in the middle of a search.
//! 3. Each server's first wake makes a virtual machine in an arena of its own and runs the prelude, then the scripts.
//! 4. Each later input calls one function of the prelude, which resumes every thread that is due until all of them wait.
//! 5. Requests of scripts, such as `SetAsync`, become requests of the server; the answer resumes the waiting thread.
//! 6. Work and bytes are metered ([`Limits`]), in Luau's library and in the host, too: a script that never ends costs its
//!    thread, then its server, never the run.
//!
//! `raw` holds the virtual machine and all `unsafe` code. Two runs of one schedule are equal, event by event.
//!
//! # Example
//!
//! A save script on one server:
//!
//! ```
//! # use dupeproof_core::Span;
//! # use dupeproof_luau::{Files, LuauSubject, Options};
//! # use dupeproof_sim::{guest::*, id::*, network::Network, schedule::*, *};
//! let mut files = Files::new();
//! files.add(&["ServerScriptService", "Main"], r#"
//!     local store = game:GetService("DataStoreService"):GetDataStore("Coins")
//!     game:GetService("Players").PlayerAdded:Connect(function(player)
//!         store:SetAsync(player.UserId, { Coins = 100 })
//!         print(store:GetAsync(player.UserId).Coins, "coins are stored")
//!     end)
//! "#);
//! let script = vec!["ServerScriptService".to_owned(), "Main".to_owned()];
//! let options = Options { script: Some(script), ..Options::new(files) };
//! let contract = Contract::none(Span::secs(60), Span::secs(60));
//! let subject = LuauSubject::new(&options, contract)?;
//!
//! struct Prints(Vec<String>);
//! impl Observer for Prints {
//!     fn observe(&mut self, _: Global, event: &Event) {
//!         if let Event::Logged { line, .. } = event {
//!             self.0.push(line.to_string());
//!         }
//!     }
//! }
//!
//! let join = Action::Command { server: 0, command: Command::Join(PlayerId(0)) };
//! let schedule = Schedule {
//!     servers: vec![ServerPlan::default()],
//!     players: vec![PlayerPlan { items: None }],
//!     timeline: vec![Step { at: Span::secs(1), action: join }],
//!     length: Span::secs(30),
//!     ..Schedule::default()
//! };
//! let mut prints = Prints(Vec::new());
//! Network::Event.run(&schedule, &subject, &mut prints);
//! assert!(prints.0[0].contains("100 coins are stored"), "{:?}", prints.0);
//! # Ok::<(), dupeproof_luau::SubjectError>(())
//! ```

mod capture;
mod contract;
mod fidelity;
mod guest;
mod guid;
mod host;
pub mod input_file;
mod interpreter;
pub mod look;
mod prelude;
mod raw;
mod reader;
mod recognition;
mod reflection;
mod schema;
mod start;
mod subject;
mod survey;
mod tree;
mod value;

pub use contract::{ADAPTERS, BuiltIn, captures, contract_of, needs_module};
pub use fidelity::Fidelity;
pub use guest::LuauGuest;
pub use raw::Limits;
pub use recognition::DataModule;
pub use schema::SchemaError;
pub use subject::{LuauSubject, Options, SubjectError, read_adapter};
pub use survey::{Part, State, Survey, survey};
pub use tree::{Files, MountError};
