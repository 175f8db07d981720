//! `dupeproof report`: the HTML page again, from what a run has stored.

use crate::args::ReportArguments;
use crate::complaint::Complaint;
use crate::exit::ExitCode;
use crate::folder::Folder;
use crate::lookup;
use crate::page;
use crate::replay;
use crate::talk;

/// Runs each failure of the summary again, for its picture, and writes the page.
///
/// # Errors
/// When the directory holds no report, a failure file is missing or senseless, or the page cannot be written.
pub fn rebuild(arguments: &ReportArguments) -> Result<ExitCode, Complaint> {
    let (folder, summary) = Folder::open(&arguments.dir)?;
    let subjects = lookup::subjects(summary.scripts.as_ref())?;
    let failures = summary
        .causes()
        .map(|(_, cause)| replay::read(&folder.path().join(&cause.file)))
        .collect::<Result<Vec<_>, _>>()?;
    let failures: Vec<_> = failures.iter().collect();
    let chapters = page::chapters(&summary, &failures, &subjects, folder.path());
    folder.store_page(&page::page(&summary.located(folder.path()), &chapters))?;
    talk::data(folder.report().display())?;
    let strays: Vec<&str> =
        chapters.iter().filter(|chapter| !chapter.reproduced).map(|chapter| &*chapter.title).collect();
    if strays.is_empty() {
        return Ok(ExitCode::Safe);
    }
    talk::say(format_args!("did not come out as recorded: {}", strays.join(", ")));
    Ok(ExitCode::Unknown)
}
