//! How results are printed.

use std::path::PathBuf;

use clap::ValueEnum;

/// The formats of `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people: with the source.
    Human,
    /// For people and editors: one line each.
    Short,
    /// For programs: one document.
    Json,
    /// For programs: one finding on each line.
    Jsonl,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// GitLab's Code Quality report.
    Gitlab,
    /// JUnit XML, for test reports of CI systems.
    Junit,
    /// Checkstyle XML.
    Checkstyle,
    /// A summary in Markdown, for the page of a CI job.
    Markdown,
    /// One self-contained page with a graph of secrets and readers.
    Html,
}

/// A report and where it goes: `sarif=mcp-lint.sarif`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutputFile {
    pub(crate) format: CheckFormat,
    /// Nothing for standard output.
    pub(crate) path: Option<PathBuf>,
}

impl std::str::FromStr for OutputFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = text
            .split_once('=')
            .filter(|(_, path)| !path.is_empty())
            .ok_or("write FORMAT=FILE: sarif=mcp-lint.sarif")?;
        let format = CheckFormat::from_str(format, false).map_err(|_| {
            let known: Vec<String> = CheckFormat::value_variants()
                .iter()
                .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
                .collect();
            format!("there is no format `{format}`: {}", known.join(", "))
        })?;
        Ok(Self {
            format,
            path: (path != "-").then(|| path.into()),
        })
    }
}

/// The formats of `inventory`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InventoryFormat {
    /// For people: as wide as the terminal, or as --width says.
    Table,
    /// For programs.
    Json,
    /// For spreadsheets and searches: a row for each secret and reader.
    Csv,
    /// For wikis and merge requests: a table for each host.
    Markdown,
}

/// The formats of `files`, `inputs` and `lints`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
}
