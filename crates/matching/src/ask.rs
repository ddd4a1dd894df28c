//! One record's answer about one package: which of its entries are about this release, stream and channel, and what they say.

use std::borrow::Cow;

use advisories::catalog::{AdvisoryIx, AdvisoryView, Candidate, Catalog, CatalogError};
use base::Ecosystem;
use inventory::Package;
use versions::EventKind;

use crate::channel::{Channel, from_ubuntu_pro, same_minor};
use crate::conclude::{negative, other_release};
use crate::epoch::completed;
use crate::heard::{Elsewhere, Heard, Hearing};
use crate::matched::{Matches, Reason};
use crate::modules::{entry_applies, is_modular, other_stream};
use crate::release::{applies, is_distribution};
use crate::verdict::{Outside, Stretch, Word, word};
use crate::windows::Product;

/// What one record is asked.
#[derive(Clone, Copy)]
pub(crate) struct Question<'c, 'q> {
    pub(crate) catalog: &'c Catalog,
    pub(crate) package: &'q Package,
    /// For a product of Microsoft, what its updates tell.
    pub(crate) product: Option<&'q Product<'q>>,
    pub(crate) ecosystem: &'q Ecosystem,
    pub(crate) version: &'q str,
    pub(crate) negatives: bool,
    /// The host takes updates from Ubuntu Pro.
    pub(crate) ubuntu_pro: bool,
}

/// The entries of a record that are about the package.
struct Entries<'e, 'c> {
    /// Of its release, or of the channel that takes the release's place.
    ours: Vec<&'e Candidate<'c>>,
    /// Of its release, but of another stream of a module.
    other_streams: Vec<&'e Candidate<'c>>,
    /// Of channels beside it.
    beside: Vec<(&'e Candidate<'c>, Channel)>,
}

/// Asks one record; its answer goes to `hearing`, unless it is about something else: then it is a negative, if those are
/// wanted.
pub(crate) fn ask<'c>(
    question: Question<'c, '_>,
    ix: AdvisoryIx,
    entries: &[&Candidate<'c>],
    hearing: &mut Hearing<'c>,
    matches: &mut Matches,
) -> Result<(), CatalogError> {
    let Question {
        catalog, ecosystem, ..
    } = question;
    let Entries {
        ours,
        other_streams,
        beside,
    } = question.entries(entries);
    question.hear_beside(ix, &beside, hearing)?;
    if ours.is_empty() {
        let only_pro = beside.iter().filter(|(_, c)| *c == Channel::UbuntuPro);
        let only_pro: Vec<&Candidate<'_>> = only_pro.map(|(entry, _)| *entry).collect();
        if !only_pro.is_empty() {
            let word = question.only_with_pro(&only_pro);
            return question.keep(ix, word, hearing, matches);
        }
        if question.negatives && beside.is_empty() {
            let view = catalog.advisory(ix)?;
            matches.not_affected.push(match other_streams.first() {
                Some(entry) => {
                    let stream = entry
                        .ecosystem
                        .rsplit_once("::module:")
                        .unwrap_or_default()
                        .1;
                    let own = question.package.module.as_deref().unwrap_or("no module");
                    let detail = format!("installed from {own}, the record is about {stream}");
                    negative(&view, Reason::ModuleStream, detail)
                }
                None => other_release(&view, ecosystem, entries),
            });
        }
        return Ok(());
    }
    let ours = question.of_our_stream(ix, ours)?;
    let mut word = match question.word(&ours) {
        Ok(word) => word,
        Err(why) => {
            let id = catalog.advisory(ix)?.id;
            let (name, version) = (&question.package.name, question.version);
            let note = format!("{name} {version}: {id} could not be checked: {why}");
            matches.notes.push(note);
            return Ok(());
        }
    };
    if let Word::Affected(stretch) = &mut word
        && stretch.fixed.is_none()
    {
        stretch.beside = question.fix_with_pro(&beside);
    }
    question.keep(ix, word, hearing, matches)
}

impl<'c> Question<'c, '_> {
    fn entries<'e>(&self, entries: &[&'e Candidate<'c>]) -> Entries<'e, 'c> {
        let module = self.package.module.as_deref();
        let of_release = entries.iter().copied();
        let of_release = of_release.filter(|c| applies(self.ecosystem, c.ecosystem));
        let (mut ours, other_streams): (Vec<&Candidate<'_>>, Vec<_>) =
            of_release.partition(|c| entry_applies(c.ecosystem, module));
        let channel = |c: &'e Candidate<'c>| {
            Some((c, Channel::of(self.ecosystem, self.version, c.ecosystem)?))
        };
        let mut beside: Vec<_> = entries.iter().copied().filter_map(channel).collect();
        let is_pro = |(_, channel): &(&Candidate<'_>, Channel)| *channel == Channel::UbuntuPro;
        let has_pro = || self.ubuntu_pro || from_ubuntu_pro(self.version);
        if beside.iter().any(is_pro) && has_pro() {
            ours = beside
                .iter()
                .filter(|b| is_pro(b))
                .map(|(c, _)| *c)
                .collect();
            beside.clear();
        }
        Entries {
            ours,
            other_streams,
            beside,
        }
    }

    /// Of a record that fixes several streams of a module, the entries for the one that is installed.
    fn of_our_stream<'e>(
        &self,
        ix: AdvisoryIx,
        ours: Vec<&'e Candidate<'c>>,
    ) -> Result<Vec<&'e Candidate<'c>>, CatalogError> {
        let is_for_module = |c: &&Candidate<'_>| fixes(c).any(is_modular);
        if ours.len() < 2 || !ours.iter().any(is_for_module) {
            return Ok(ours);
        }
        let summary = self.catalog.advisory(ix)?.summary;
        let (package, version) = (self.package, self.version);
        let is_ours = |c: &&Candidate<'_>| {
            let mut fixes = fixes(c).peekable();
            fixes.peek().is_none()
                || fixes.any(|fix| other_stream(package, version, fix, summary).is_none())
        };
        let kept: Vec<_> = ours.iter().copied().filter(is_ours).collect();
        // Where no entry is for the stream the first says so.
        Ok(if kept.is_empty() { ours } else { kept })
    }

    fn word(&self, ours: &[&Candidate<'_>]) -> Result<Word, String> {
        let version = completed(self.ecosystem, self.version, ours);
        let epoch_is_assumed = matches!(version, Cow::Owned(_));
        let by_update = self.product.and_then(|p| p.word(ours, &version));
        let word = match by_update {
            Some(word) => word,
            None => word(ours, self.ecosystem.name(), &version)?,
        };
        Ok(match word {
            Word::NotAffected(outside) if epoch_is_assumed => {
                let detail = format!("{} (listed without an epoch)", outside.detail);
                Word::NotAffected(Outside { detail, ..outside })
            }
            word => word,
        })
    }

    /// The word of a record that knows this release from Ubuntu Pro only, for a host without it.
    fn only_with_pro(&self, entries: &[&Candidate<'_>]) -> Word {
        match self.word(entries) {
            Ok(Word::Affected(stretch)) => Word::Affected(Stretch {
                beside: stretch.fixed.as_deref().map(with_pro),
                event: "none".to_owned(),
                fixed: None,
                ..stretch
            }),
            Ok(word) => word,
            Err(_) => Word::Undecided,
        }
    }

    /// Where Ubuntu Pro has the fix that the release has not.
    fn fix_with_pro(&self, beside: &[(&Candidate<'_>, Channel)]) -> Option<String> {
        let pro = beside.iter().filter(|(_, c)| *c == Channel::UbuntuPro);
        let pro: Vec<&Candidate<'_>> = pro.map(|(entry, _)| *entry).collect();
        match self.word(&pro) {
            Ok(Word::Affected(stretch)) if !pro.is_empty() => {
                stretch.fixed.as_deref().map(with_pro)
            }
            _ => None,
        }
    }

    /// What extended support of the installed minor release has.
    fn hear_beside(
        &self,
        ix: AdvisoryIx,
        beside: &[(&Candidate<'_>, Channel)],
        hearing: &mut Hearing<'c>,
    ) -> Result<(), CatalogError> {
        for (entry, channel) in beside {
            let Channel::Extended { name } = channel else {
                continue;
            };
            let version = completed(self.ecosystem, self.version, &[entry]);
            let Some(fix) = fixes(entry).find(|fix| same_minor(fix, &version)) else {
                continue;
            };
            let scheme = versions::scheme_or_generic(self.ecosystem.name());
            let view = self.catalog.advisory(ix)?;
            hearing.elsewhere.push(Elsewhere {
                record: view.id.to_owned(),
                cves: view.cves,
                channel: name.clone(),
                fix: fix.to_owned(),
                is_in: scheme
                    .compare(&version, fix)
                    .is_ok_and(|order| order.is_ge()),
            });
        }
        Ok(())
    }

    /// Keeps an answer that may matter.
    fn keep(
        &self,
        ix: AdvisoryIx,
        word: Word,
        hearing: &mut Hearing<'c>,
        matches: &mut Matches,
    ) -> Result<(), CatalogError> {
        // Reading the record itself costs more than its ranges; for a plain "no" it is read only when someone asked. What a
        // vendor clears may clear other records too.
        let is_plain_no = matches!(&word, Word::NotAffected(o) if o.reason != Some(Reason::Vex));
        if is_plain_no && !self.negatives && is_distribution(self.ecosystem.name()) {
            return Ok(());
        }
        let view = self.catalog.advisory(ix)?;
        if is_no_security_record(&view) {
            return Ok(());
        }
        if let Word::Affected(stretch) = &word
            && let Some(fixed) = &stretch.fixed
            && let Some(detail) = other_stream(self.package, self.version, fixed, view.summary)
        {
            if self.negatives {
                let negative = negative(&view, Reason::ModuleStream, detail);
                matches.not_affected.push(negative);
            }
            return Ok(());
        }
        hearing.heard.push(Heard { ix, view, word });
        Ok(())
    }
}

fn with_pro(fix: &str) -> String {
    format!("fixed in {fix} only with Ubuntu Pro, which this host does not show")
}

fn fixes<'c>(entry: &Candidate<'c>) -> impl Iterator<Item = &'c str> {
    let events = entry.ranges.iter().flat_map(|range| &range.events);
    let fixed = events.filter(|event| event.kind == EventKind::Fixed);
    fixed
        .map(|event| event.version)
        .collect::<Vec<_>>()
        .into_iter()
}

/// Bug-fix and enhancement errata stand in the same feeds as security ones. Without a CVE they are about no vulnerability.
fn is_no_security_record(view: &AdvisoryView<'_>) -> bool {
    const OTHER_ERRATA: [&str; 8] = [
        "ALBA-", "ALEA-", "ELBA-", "ELEA-", "RHBA-", "RHEA-", "RLBA-", "RLEA-",
    ];
    view.cves.is_empty()
        && OTHER_ERRATA
            .iter()
            .any(|prefix| view.id.starts_with(prefix))
}
