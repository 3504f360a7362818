//! Places where options hold the path or placeholder of a secret.

use inventory::{Mention, Mentioned, Secret, Span, UNIT_SCRIPTS};

use crate::HostContext;

impl<'a> HostContext<'a> {
    /// The certain mentions of a path.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &'a Mention> + use<'a> {
        self.mentions_of(Mentioned::Path)
    }

    /// The certain mentions of a placeholder.
    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &'a Mention> + use<'a> {
        self.mentions_of(Mentioned::Placeholder)
    }

    fn mentions_of(&self, what: Mentioned) -> impl Iterator<Item = &'a Mention> + use<'a> {
        let mentions = self.host.mentions.iter();
        mentions.filter(move |mention| mention.certain && mention.what == what)
    }

    /// The secret that is mentioned, if it is declared.
    pub(crate) fn mentioned(&self, mention: &Mention) -> Option<&'a Secret> {
        self.host.secrets.get(mention.secret?)
    }

    /// Its attribute, or the path as it is written.
    pub(crate) fn name_of(&self, mention: &'a Mention) -> &'a str {
        let secret = self.mentioned(mention);
        secret.map_or(mention.text.as_str(), |secret| secret.attribute.as_str())
    }

    /// What a finding about a mention is about: the option of the secret, or the path.
    pub(crate) fn subject_of(&self, mention: &'a Mention) -> &'a str {
        let secret = self.mentioned(mention);
        secret.map_or(mention.text.as_str(), |secret| secret.option.as_str())
    }

    /// Where the secret is declared.
    pub(crate) fn declaration_of(&self, mention: &Mention) -> Option<Span> {
        self.mentioned(mention)?.declared_at.first().copied()
    }

    /// The line of source in which a place begins.
    pub(crate) fn line_of(&self, at: Span) -> Option<String> {
        let source = self.sources.get(at.file)?;
        let text: &str = source.text();
        let before = text.get(..at.start as usize)?;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        text.get(start..)?.lines().next().map(str::to_owned)
    }
}

/// Whether the mention stands in a text that a shell reads: a script, a shell's start-up file.
pub(crate) fn is_shell_text(mention: &Mention) -> bool {
    const SCRIPTS: [&str; 9] = [
        "writeShellScript",
        "writeShellScriptBin",
        "writeShellApplication",
        "writeScript",
        "writeScriptBin",
        "writeBash",
        "writeBashBin",
        "writeDash",
        "writeDashBin",
    ];
    if let Some(function) = &mention.function {
        return SCRIPTS.contains(&function.as_str()) || mention.in_own_shell;
    }
    is_unit_script(mention)
        || mention.is_in(&["system", "activationScripts"])
        || mention.is_in(&["home", "activation"])
        || is_shell_start(mention)
        || mention.in_own_shell
}

/// `systemd.services.x.script`, `preStart` and the like of a unit of the system.
fn is_unit_script(mention: &Mention) -> bool {
    let last = mention.option.get(3).map(String::as_str);
    mention.is_in(&["systemd", "services", "*"])
        && last.is_some_and(|last| UNIT_SCRIPTS.contains(&last))
}

/// Whether a shell of the user reads it when it starts.
pub(crate) fn is_shell_start(mention: &Mention) -> bool {
    const OF_SHELLS: [&str; 11] = [
        "shellInit",
        "interactiveShellInit",
        "loginShellInit",
        "promptInit",
        "initExtra",
        "initExtraFirst",
        "initContent",
        "bashrcExtra",
        "profileExtra",
        "envExtra",
        "loginExtra",
    ];
    let last = mention.option.last().map_or("", String::as_str);
    let in_environment = mention.is_in(&["environment"]) && (last.ends_with("Init"));
    let in_programs = mention.is_in(&["programs", "bash"]) || mention.is_in(&["programs", "zsh"]);
    in_environment || (in_programs && OF_SHELLS.contains(&last))
}

/// Whether a command of a unit holds it, which systemd starts without a shell.
pub(crate) fn is_command(mention: &Mention) -> bool {
    let last = mention.option.last().map_or("", String::as_str);
    let of_system = mention.is_in(&["systemd", "services", "*", "serviceConfig"]);
    let of_user = mention.is_in(&["systemd", "user", "services", "*", "Service"])
        || mention.is_in(&["systemd", "user", "services", "*", "serviceConfig"]);
    (of_system || of_user) && last.starts_with("Exec") && mention.function.is_none()
}
