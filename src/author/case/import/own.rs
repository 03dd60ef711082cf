//! What only cases of ours have, that another workspace exported: relations, how parameters make rows, and links that
//! lead to files.

use super::{ForeignCase, Import, OwnCase, relative};
use crate::base::path::resolve;
use crate::model::{Case, Execution, Relation, is_case_id};
use crate::store::{Doc, Project};

impl Import<'_> {
    /// Returns relations to cases that are here, or come along.
    pub(super) fn relations(&mut self, foreign: &ForeignCase, own: &OwnCase) -> Vec<Relation> {
        let (here, gone): (Vec<_>, Vec<_>) = { own.relations.iter().cloned() }
            .partition(|relation| self.known.has(&relation.case) || self.comes(&relation.case));
        for relation in gone {
            let why = "the other case is neither here nor imported";
            self.lost("relations", why, foreign, &relation.case);
        }
        here
    }

    fn comes(&self, id: &str) -> bool {
        self.coming.contains(&id.to_ascii_uppercase())
    }

    /// Says in what of those things that only our exports have a case differs, and fills in what its file leaves out.
    pub(super) fn own_case(
        &mut self,
        doc: &Doc<Case>,
        foreign: &ForeignCase,
        wanted: &mut Vec<(String, Vec<String>)>,
        differing: &mut Vec<String>,
    ) {
        let Some(own) = &foreign.own else { return };
        let case = &doc.value;
        let update = self.importing.update;
        let mut tell = |part: &str| differing.push(part.to_owned());
        let is_automated = case.execution == Execution::Automated;
        if foreign.automated.is_some_and(|is| is != is_automated) {
            tell("execution");
        }
        let selectors = &case.automation.selectors;
        let may_claim = |name: &String| self.known.may_claim(name).is_ok();
        match foreign
            .selectors
            .iter()
            .any(|name| !selectors.contains(name))
        {
            true if update && selectors.is_empty() && foreign.selectors.iter().all(may_claim) => {
                wanted.push(("selectors".to_owned(), foreign.selectors.clone()));
            }
            true => tell("selectors"),
            false => {}
        }
        let parameters = foreign.parameters.iter();
        let others = parameters.filter(|(name, values)| case.parameters.get(name) != Some(values));
        let others: Vec<_> = others.collect();
        let has_none = case.parameters.iter().next().is_none();
        match has_none && update {
            _ if others.is_empty() => {}
            true => {
                let all = others.into_iter();
                wanted.extend(all.map(|(name, all)| (format!("parameters.{name}"), all.clone())));
            }
            false => tell("parameters"),
        }
        match own.combine != case.combine && !foreign.parameters.is_empty() {
            true if update && has_none => {
                wanted.push(("combine".to_owned(), vec![own.combine.as_str().to_owned()]));
            }
            true => tell("combine"),
            false => {}
        }
        if foreign.links.iter().any(|link| !case.links.contains(link)) {
            tell("links");
        }
        let has = |relation: &Relation| {
            let mut all = case
                .relations
                .iter()
                .filter(|one| one.kind == relation.kind);
            all.any(|one| self.known.same(&one.case, &relation.case))
        };
        if !own.relations.iter().all(has) {
            tell("relations");
        }
        let is_known = |id: &String| self.known.same(id, &case.id);
        let ids = foreign.ids.iter().filter(|id| is_case_id(id));
        if !update && !ids.clone().all(is_known) {
            tell("aliases");
        }
    }
}

/// Where a link of a file in another workspace leads here: to the file of the same place in the project, from a
/// folder of it.
pub(super) fn follow(project: &Project, from: &str, folder: &str, target: &str) -> Option<String> {
    let (file, anchor) = target
        .find('#')
        .map_or((target, ""), |at| target.split_at(at));
    let there = resolve(from, file)?;
    let (_, own) = there.strip_prefix("projects/")?.split_once('/')?;
    let here = format!("{}/{own}", project.path);
    let is_here = project.entries.iter().any(|entry| entry.path == here);
    is_here.then(|| format!("{}{anchor}", relative(folder, &here)))
}

/// Whether an id begins with a project's key, as those do that are drawn for it.
pub(super) fn is_id_of(id: &str, key: &str) -> bool {
    let rest = id.strip_prefix(key).and_then(|rest| rest.strip_prefix('-'));
    rest.is_some_and(|rest| !key.is_empty() && !rest.is_empty())
}
