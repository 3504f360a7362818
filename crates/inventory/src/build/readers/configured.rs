//! Options that name a file and who opens it, as the user tells in `mcp-lint.toml`.

use nix_eval::Evaluator;
use nix_eval::value::Value;

use super::{FoundReaders, Opening, Scene};
use crate::build::facts::{Options, entry_fact, text};
use crate::build::options::OptionReader;
use crate::model::{Fact, Moment, Principal};

/// Who opens the file where the user does not say.
struct Opener {
    user: Fact<Principal>,
    groups: Fact<Vec<String>>,
    moment: Moment,
}

/// The readers that `rules` tell, in the system and in every Home Manager configuration.
pub(super) fn configured(
    evaluator: &mut Evaluator,
    scene: &Scene<'_>,
    rules: &[OptionReader],
    found: &mut FoundReaders,
) {
    for rule in rules {
        if let Some(system) = scene.system {
            let opener = opener(scene, rule, None);
            search(evaluator, scene, (system, ""), rule, &opener, found);
        }
        for home in scene.homes {
            let opener = opener(scene, rule, Some(&home.user));
            let place = (home.config, home.prefix.as_str());
            search(evaluator, scene, place, rule, &opener, found);
        }
    }
}

fn opener(scene: &Scene<'_>, rule: &OptionReader, login: Option<&str>) -> Opener {
    let name = rule.user.as_deref().or(login).unwrap_or("root");
    let is_root = name == "root";
    let user = match is_root {
        true => Principal::root(),
        false => Principal::named(name),
    };
    let groups = match (&rule.group, is_root) {
        // A service's user may be in more groups than its unit says here.
        (Some(group), _) => match scene.groups_of(name).known() {
            Some(groups) => Fact::default_value(
                std::iter::once(group)
                    .chain(groups.iter().filter(|known| *known != group))
                    .cloned()
                    .collect(),
            ),
            None => Fact::default_value(vec![group.clone()]),
        },
        (None, true) => Fact::default_value(vec!["root".to_owned()]),
        (None, false) => scene.groups_of(name),
    };
    Opener {
        user: Fact::default_value(user),
        groups,
        moment: match login {
            Some(_) => Moment::Session,
            None => Moment::Service,
        },
    }
}

/// Follows the names of the option from a set of options down; `*` goes into every attribute.
fn search(
    evaluator: &mut Evaluator,
    scene: &Scene<'_>,
    (config, prefix): (Options, &str),
    rule: &OptionReader,
    opener: &Opener,
    found: &mut FoundReaders,
) {
    let Some((last, path)) = rule.option.split_last() else {
        return;
    };
    let mut places = vec![(config, prefix.to_owned(), true)];
    for name in path {
        let mut below = Vec::new();
        for (options, at, certain) in places {
            for (key, entry) in named(evaluator, options, name) {
                if let Ok(Value::Attrs(set)) = evaluator.force(entry.value) {
                    let key = nix_eval::print::attribute_name(&key);
                    let certain = certain && entry.maybe.is_none();
                    below.push((Options { set }, format!("{at}{key}."), certain));
                }
            }
        }
        places = below;
    }
    for (options, at, certain) in places {
        for (key, entry) in named(evaluator, options, last) {
            let fact = entry_fact(evaluator, entry, text);
            let is_path = |value: &String| value.starts_with('/');
            if !fact.known().is_some_and(is_path) {
                continue;
            }
            let key = nix_eval::print::attribute_name(&key);
            found.readers.push(scene.reader(Opening {
                at: fact.at,
                path: fact,
                user: opener.user.clone(),
                groups: opener.groups.clone(),
                dynamic_user: false,
                via: format!("{at}{key}"),
                moment: opener.moment,
                certain: certain && entry.maybe.is_none(),
            }));
        }
    }
}

/// The attribute of that name, or all of them for `*`.
fn named(
    evaluator: &mut Evaluator,
    options: Options,
    name: &str,
) -> Vec<(String, nix_eval::value::Entry)> {
    if name == "*" {
        return options.entries(evaluator);
    }
    let entry = options.entry(evaluator, name);
    entry
        .map(|entry| (name.to_owned(), entry))
        .into_iter()
        .collect()
}
