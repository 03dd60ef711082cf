//! Who is meant: members by their ids, and other people where a project names no members.

use crate::base::text::closest;
use crate::model::Member;
use crate::store::Project;

/// A name that is no member's, in a project that has members.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{wanted}` is no member of the project")]
pub struct UnknownPerson {
    pub wanted: String,
    /// The member who may be meant.
    pub near: Option<String>,
    /// The ids of all members.
    pub members: Vec<String>,
}

/// Returns the id of the member whom a name, an id or an address means. A project without members takes any
/// name as it is.
pub fn person(project: &Project, wanted: &str) -> Result<String, UnknownPerson> {
    let wanted = wanted.trim();
    let members: Vec<&Member> = project.members.iter().map(|doc| &doc.value).collect();
    if members.is_empty() && !wanted.is_empty() {
        return Ok(wanted.to_owned());
    }
    let is_meant = |member: &&&Member| {
        member.id == wanted
            || member.name.eq_ignore_ascii_case(wanted)
            || has_address(member, wanted)
    };
    match members.iter().find(is_meant) {
        Some(member) => Ok(member.id.clone()),
        None => {
            let ids = members.iter().map(|member| member.id.as_str());
            let names = members.iter().map(|member| member.name.as_str());
            let near = closest(wanted, ids.clone().chain(names));
            let near = near.and_then(|near| {
                let is_it = |member: &&&Member| member.id == near || member.name == near;
                Some(members.iter().find(is_it)?.id.clone())
            });
            Err(UnknownPerson {
                wanted: wanted.to_owned(),
                near,
                members: ids.map(str::to_owned).collect(),
            })
        }
    }
}

/// Returns whom somebody is who is known by name and address: the member with that address, else the name.
pub fn person_of(project: &Project, name: &str, email: &str) -> String {
    let members = project.members.iter().map(|doc| &doc.value);
    let mut own = members.filter(|member| has_address(member, email));
    own.next()
        .map_or_else(|| name.to_owned(), |member| member.id.clone())
}

fn has_address(member: &Member, address: &str) -> bool {
    let mut own = member.emails.iter();
    own.any(|own| own.eq_ignore_ascii_case(address))
}

/// Whether two names mean one person.
pub fn same_person(one: &str, other: &str) -> bool {
    one == other || one.to_lowercase() == other.to_lowercase()
}
