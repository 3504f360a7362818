//! What every command takes.

use std::num::NonZeroUsize;

use anstream::{AutoStream, ColorChoice};
use clap::{Args, ValueEnum};
use supports_hyperlinks::Stream;

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct CommonArguments {
    /// When to colour the output.
    #[arg(long, value_enum, default_value_t = ColorMode::Auto, global = true, value_name = "WHEN")]
    pub(crate) color: ColorMode,
    /// Make tables and text so many columns wide, instead of as wide as the terminal; without a terminal,
    /// 100, and no word is broken.
    #[arg(long, global = true, value_name = "COLUMNS")]
    pub(crate) width: Option<NonZeroUsize>,
    /// Print findings only.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say on standard error what is done; twice for more.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
}

impl CommonArguments {
    /// How standard output is coloured.
    pub(crate) fn choice(&self) -> ColorChoice {
        match self.color {
            ColorMode::Auto => AutoStream::choice(&std::io::stdout()),
            ColorMode::Always => ColorChoice::AlwaysAnsi,
            ColorMode::Never => ColorChoice::Never,
        }
    }

    /// Whether standard output is a terminal that follows links.
    pub(crate) fn follows_links(&self) -> bool {
        self.choice() != ColorChoice::Never && supports_hyperlinks::on(Stream::Stdout)
    }
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorMode {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
