//! `dupeproof report`: the HTML page again, from the files of an earlier run.

use crate::args::ReportArguments;
use crate::by_name;
use crate::error::CliError;
use crate::exit::ExitCode;
use crate::failure_files::FailureFiles;
use crate::output;
use crate::output_dir::OutputDir;
use crate::page::{self, FindingSection};

/// Runs each failure of the summary again, for its picture, and writes the page.
///
/// # Errors
/// When the directory holds no report, a failure file is missing or senseless, or the page cannot be written.
pub fn report(arguments: &ReportArguments) -> Result<ExitCode, CliError> {
    let (output_dir, summary) = OutputDir::open(&arguments.dir)?;
    let available = by_name::available_again(summary.scripts.as_ref())?;
    let failures = FailureFiles::read(&output_dir, &summary)?;
    let sections = page::sections(&summary, &failures, &available.subjects, output_dir.path());
    output_dir.store_page(&page::page(&summary.located(output_dir.path()), &sections))?;
    output::data(output_dir.report().display())?;
    let strays: Vec<String> =
        sections.iter().filter(|section| !section.reproduced).map(FindingSection::title).collect();
    if strays.is_empty() {
        return Ok(ExitCode::Safe);
    }
    sections.iter().filter_map(|section| section.internal_error.as_ref()).for_each(output::say);
    output::say(format_args!("these runs differ from the recording: {}", strays.join(", ")));
    Ok(ExitCode::Unknown)
}
