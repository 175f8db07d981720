//! The file that says what of a repository is tested: `dupeproof.toml`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Parser;
use dupeproof_luau::input_file::{self, TEXT_MAX};
use serde::Deserialize;

use crate::args::{Arguments, Command, RunArguments};
use crate::error::CliError;
use crate::escape;

/// What is tested.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestFile {
    /// Failure files, and folders of them; run first.
    #[serde(default)]
    pub corpus: Vec<PathBuf>,
    /// What goes for each search that does not say otherwise.
    #[serde(default)]
    defaults: SearchTable,
    /// The searches, in order.
    #[serde(default, rename = "test")]
    tests: Vec<SearchTable>,
}

/// One search: what `dupeproof run` is told, by the same names.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchTable {
    name: Option<String>,
    suite: Option<String>,
    scenario: Option<String>,
    world: Option<String>,
    believe: Option<String>,
    subject: Option<String>,
    project: Option<String>,
    place: Option<String>,
    module: Option<String>,
    adapter: Option<String>,
    game: Option<String>,
    fake: Option<String>,
    roots: Option<Vec<String>>,
    fidelity: Option<String>,
    cases: Option<u64>,
    seed: Option<u64>,
    network: Option<String>,
    causes: Option<u16>,
}

/// A search that is a test.
#[derive(Clone, Debug)]
pub struct SearchTest {
    /// Its name, which no other has.
    pub name: String,
    /// The folder of its report.
    pub folder: String,
    /// What `run` is told.
    pub arguments: RunArguments,
}

impl TestFile {
    /// Reads one.
    ///
    /// # Errors
    /// When it cannot be read or makes no sense: with the place.
    pub fn read(path: &Path) -> Result<TestFile, CliError> {
        let shown = escape::path(path);
        let text = input_file::text(path, TEXT_MAX).map_err(|error| {
            CliError::new(format!("`{shown}` could not be read: {error}"))
                .hint("`dupeproof test --help` says what such a file holds")
        })?;
        let file: TestFile = toml::from_str(&text).map_err(|error| {
            CliError::new(format!("`{shown}`: {}", error.to_string().trim_end()))
                .hint("`dupeproof test --help` says what such a file holds")
        })?;
        let refused = |what: &str, hint: &str| Err(CliError::new(format!("`{shown}`: {what}")).hint(hint));
        if file.defaults.name.is_some() {
            return refused("[defaults] has a name", "only a [[test]] has one");
        }
        if file.corpus.is_empty() && file.tests.is_empty() {
            return refused("it tests nothing", "give it a `corpus` or a [[test]]");
        }
        Ok(file)
    }

    /// The searches, each as the command line would have it; reports are written to folders in `out`.
    ///
    /// # Errors
    /// When a name is missing or there twice, or something makes no sense.
    pub fn searches(&self, out: &Path) -> Result<Vec<SearchTest>, CliError> {
        let mut folders = BTreeSet::new();
        let mut searches = Vec::new();
        for (table, number) in self.tests.iter().zip(1..) {
            let Some(name) = table.name.clone().filter(|name| !name.trim().is_empty()) else {
                return Err(CliError::new(format!("test {number} has no name")).hint("give each [[test]] a `name`"));
            };
            let folder = folder(&name);
            if !folders.insert(folder.clone()) {
                return Err(CliError::new(format!("two tests are called `{}`, or nearly so", escape::name(&name)))
                    .hint("give each [[test]] a name of its own: letters, digits and dashes tell them apart"));
            }
            let arguments = table.or(&self.defaults).arguments(&name, &out.join(&folder))?;
            searches.push(SearchTest { name, folder, arguments });
        }
        Ok(searches)
    }
}

/// The longest name of a folder.
const FOLDER_MAX: usize = 80;

/// A name as that of a folder: its letters and digits, with a dash for all between them.
fn folder(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let folder = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    if folder.is_empty() { "test".into() } else { folder.chars().take(FOLDER_MAX).collect() }
}

impl SearchTable {
    /// With the defaults for what it does not say. Whoever names schedules or a subject takes nothing of that from the defaults.
    fn or(&self, defaults: &SearchTable) -> SearchTable {
        let own = self.clone();
        let drawn = own.suite.is_some() || own.scenario.is_some();
        let (suite, scenario) = (defaults.suite.clone(), defaults.scenario.clone());
        let (suite, scenario) = if drawn { (own.suite, own.scenario) } else { (suite, scenario) };
        let scripted =
            [&own.project, &own.place, &own.module, &own.adapter, &own.game].iter().any(|path| path.is_some());
        let scripts = if own.subject.is_some() { SearchTable::default() } else { defaults.clone() };
        let subject = if scripted { None } else { defaults.subject.clone() };
        SearchTable {
            name: own.name,
            suite,
            scenario,
            world: own.world.or_else(|| defaults.world.clone()),
            believe: own.believe.or_else(|| defaults.believe.clone()),
            subject: own.subject.or(subject),
            project: own.project.or(scripts.project),
            place: own.place.or(scripts.place),
            module: own.module.or(scripts.module),
            adapter: own.adapter.or(scripts.adapter),
            game: own.game.or(scripts.game),
            fake: own.fake.or(scripts.fake),
            roots: own.roots.or(scripts.roots),
            fidelity: own.fidelity.or(scripts.fidelity),
            cases: own.cases.or(defaults.cases),
            seed: own.seed.or(defaults.seed),
            network: own.network.or_else(|| defaults.network.clone()),
            causes: own.causes.or(defaults.causes),
        }
    }

    /// The same, as the command line says it, and as strictly checked.
    fn arguments(&self, name: &str, out: &Path) -> Result<RunArguments, CliError> {
        let number = |number: Option<u64>| number.map(|number| number.to_string());
        let (cases, seed, causes) = (number(self.cases), number(self.seed), number(self.causes.map(u64::from)));
        let flags = [
            ("suite", &self.suite),
            ("scenario", &self.scenario),
            ("world", &self.world),
            ("believe", &self.believe),
            ("subject", &self.subject),
            ("project", &self.project),
            ("place", &self.place),
            ("module", &self.module),
            ("adapter", &self.adapter),
            ("game", &self.game),
            ("fake", &self.fake),
            ("fidelity", &self.fidelity),
            ("network", &self.network),
            ("cases", &cases),
            ("seed", &seed),
            ("causes", &causes),
        ];
        let given = flags.into_iter().filter_map(|(flag, value)| Some(format!("--{flag}={}", value.as_ref()?)));
        let roots = self.roots.iter().flatten().map(|root| format!("--root={root}"));
        let words = ["dupeproof".to_owned(), "run".to_owned()].into_iter().chain(given).chain(roots);
        let refused = |why: &str| CliError::new(format!("test `{}`: {why}", escape::name(name)));
        match Arguments::try_parse_from(words).map(|arguments| arguments.command) {
            Ok(Some(Command::Run(arguments))) => Ok(RunArguments { out: out.to_owned(), ..arguments }),
            Ok(_) => unreachable!("the words begin with `run`"),
            Err(error) => {
                let text = error.render().to_string();
                let text = text.strip_prefix("error: ").unwrap_or(&text);
                let first: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
                Err(refused(&first.join(" ")).hint("the names are those of `dupeproof run`, without dashes"))
            }
        }
    }
}
