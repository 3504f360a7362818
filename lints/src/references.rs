//! Places where options hold the path or placeholder of a secret.

use inventory::{Reference, ReferenceKind, Secret, Span, Templates, UNIT_SCRIPTS};

use crate::HostContext;

impl<'a> HostContext<'a> {
    /// The references to paths.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &'a Reference> + use<'a> {
        self.references_of(ReferenceKind::Path)
    }

    /// The references to placeholders.
    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &'a Reference> + use<'a> {
        self.references_of(ReferenceKind::Placeholder)
    }

    fn references_of(&self, what: ReferenceKind) -> impl Iterator<Item = &'a Reference> + use<'a> {
        let references = self.host.references.iter();
        references.filter(move |reference| reference.what == what)
    }

    /// The secret that is referenced, if it is declared.
    pub(crate) fn referenced(&self, reference: &Reference) -> Option<&'a Secret> {
        self.host.secrets.get(reference.secret?)
    }

    /// The template whose text holds the placeholder of a secret; `None` if it is elsewhere.
    pub(crate) fn template_of(
        &self,
        reference: &'a Reference,
    ) -> Option<(&'a str, &'static Templates)> {
        let templates = self.referenced(reference)?.manager.templates.as_ref()?;
        let path: Vec<&str> = templates.option.split('.').collect();
        let name = reference
            .is_in(&path)
            .then(|| reference.option.get(path.len()));
        Some((name?.map_or("", String::as_str), templates))
    }

    /// Its attribute, or the path as it is written.
    pub(crate) fn name_of(&self, reference: &'a Reference) -> &'a str {
        let secret = self.referenced(reference);
        secret.map_or(reference.text.as_str(), |secret| secret.attribute.as_str())
    }

    /// What a finding about a reference is about: the option of the secret, or the path.
    pub(crate) fn subject_of(&self, reference: &'a Reference) -> &'a str {
        let secret = self.referenced(reference);
        secret.map_or(reference.text.as_str(), |secret| secret.option.as_str())
    }

    /// Where the secret is declared.
    pub(crate) fn declaration_of(&self, reference: &Reference) -> Option<Span> {
        self.referenced(reference)?.declared_at.first().copied()
    }

    /// The line before that in which a place begins; `None` if it is the first.
    pub(crate) fn line_above(&self, at: Span) -> Option<String> {
        let source = self.sources.get(at.file)?;
        let text: &str = source.text();
        let before = text.get(..at.start as usize)?;
        let above = before.rsplit_once('\n')?.0;
        above.lines().next_back().map(str::to_owned)
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

/// Whether the reference stands in a text that a shell reads: a script, a shell's start-up file.
pub(crate) fn is_shell_text(reference: &Reference) -> bool {
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
    if let Some(function) = &reference.function {
        return SCRIPTS.contains(&function.as_str()) || reference.in_own_shell;
    }
    is_unit_script(reference)
        || reference.is_in(&["system", "activationScripts"])
        || reference.is_in(&["home", "activation"])
        || is_shell_start(reference)
        || is_script_file(reference)
        || reference.in_own_shell
}

/// Whether it is the text of a file that is called as a script is: `home.file."bin/backup.sh".text`.
fn is_script_file(reference: &Reference) -> bool {
    let [.., name, last] = reference.option.as_slice() else {
        return false;
    };
    let is_file = [
        ["home", "file"].as_slice(),
        &["xdg", "configFile"],
        &["xdg", "dataFile"],
        &["environment", "etc"],
    ];
    let is_of_files = is_file.iter().any(|option| reference.is_in(option));
    let ends = [".sh", ".bash", ".zsh"];
    let is_script = ends.iter().any(|end| name.ends_with(end))
        || name.starts_with("bin/")
        || name.starts_with(".local/bin/");
    last == "text" && is_of_files && is_script
}

/// `systemd.services.x.script`, `preStart` and the like of a unit of the system.
fn is_unit_script(reference: &Reference) -> bool {
    let last = reference.option.get(3).map(String::as_str);
    reference.is_in(&["systemd", "services", "*"])
        && last.is_some_and(|last| UNIT_SCRIPTS.contains(&last))
}

/// Whether a shell of the user reads it when it starts.
pub(crate) fn is_shell_start(reference: &Reference) -> bool {
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
    let last = reference.option.last().map_or("", String::as_str);
    let in_environment = reference.is_in(&["environment"]) && (last.ends_with("Init"));
    let in_programs =
        reference.is_in(&["programs", "bash"]) || reference.is_in(&["programs", "zsh"]);
    in_environment || (in_programs && OF_SHELLS.contains(&last))
}

/// Whether a command of a unit holds it, which systemd starts without a shell.
pub(crate) fn is_command(reference: &Reference) -> bool {
    let last = reference.option.last().map_or("", String::as_str);
    let of_system = reference.is_in(&["systemd", "services", "*", "serviceConfig"]);
    let of_user = reference.is_in(&["systemd", "user", "services", "*", "Service"])
        || reference.is_in(&["systemd", "user", "services", "*", "serviceConfig"]);
    (of_system || of_user) && last.starts_with("Exec") && reference.function.is_none()
}
