//! A catalog laid over another: what changed since, or what a team says itself, without compiling all again. Everything
//! is answered from both as from one file, down to the numbers of advisories; docs/decisions/051-overlays.md says where
//! that ends.

use super::error::CatalogError;
use super::numbers::Cut;
use super::part::{FeedRow, Part};
use super::reader::{Catalog, Member};
use super::record::read_copy;
use super::view::AdvisoryIx;
use super::wire::offset;

impl Catalog {
    /// This catalog with another laid over it. A record of the other takes the place of the one with the same id here,
    /// whatever feed had it; those with an id in `hidden` are not there any more. Of the facts of a CVE or of an update that
    /// one feed has in both, the other's count.
    ///
    /// # Errors
    ///
    /// One of the catalogs is damaged.
    pub fn overlaid(&self, over: &Self, hidden: &[&str]) -> Result<Self, CatalogError> {
        let mut cuts = Vec::new();
        for row in over.ids() {
            let (id, _) = row?;
            let (at, is_here) = self.place_of(id)?;
            cuts.push(Cut::Before(at));
            if is_here {
                cuts.push(Cut::Hidden(at));
            }
        }
        for id in hidden {
            if let (at, true) = self.place_of(id)? {
                cuts.push(Cut::Hidden(at));
            }
        }
        cuts.sort_unstable_by_key(|cut| match *cut {
            Cut::Before(at) => (at, false),
            Cut::Hidden(at) => (at, true),
        });
        cuts.dedup_by(|a, b| a == b && matches!(a, Cut::Hidden(_)));
        let (feeds, members) = self.feeds_with(over, &cuts)?;
        let catalog = Self {
            digest: self.digest_with(over, &cuts)?,
            numbers: self.numbers.overlaid(&over.numbers, &cuts),
            members,
            feeds,
            model: None,
        };
        catalog.with_model()
    }

    /// The feeds of both by name, and the files with their numbers in these.
    fn feeds_with(
        &self,
        over: &Self,
        cuts: &[Cut],
    ) -> Result<(Vec<FeedRow>, Vec<Member>), CatalogError> {
        let mut feeds = self.feeds.clone();
        for row in &over.feeds {
            let name = |feed: &FeedRow| feed.info.name.as_str().cmp(row.info.name.as_str());
            match feeds.binary_search_by(name) {
                Ok(at) => feeds[at].add(row),
                Err(at) => feeds.insert(at, row.clone()),
            }
        }
        let number = |row: &FeedRow| {
            let at = feeds
                .iter()
                .position(|feed| feed.info.name == row.info.name);
            offset(at.expect("every name was put into the list above"))
        };
        let renumbered = |member: &Member| Member {
            part: member.part.clone(),
            feeds: member.part.feeds.iter().map(number).collect(),
        };
        let members = self.members.iter().chain(&over.members);
        let members = members.map(renumbered).collect();
        for cut in cuts {
            let Cut::Hidden(at) = cut else { continue };
            let (part, number) = self.locate(AdvisoryIx(*at))?;
            for name in part.carriers(number)? {
                if let Some(feed) = feeds.iter_mut().find(|feed| feed.info.name == name) {
                    feed.info.kept = feed.info.kept.saturating_sub(1);
                }
            }
        }
        Ok((feeds, members))
    }

    /// A name for the whole: BLAKE3 over the digests of both and the ids that are hidden.
    fn digest_with(&self, over: &Self, cuts: &[Cut]) -> Result<String, CatalogError> {
        let mut text = format!("overlaid\n{}\n{}\n", self.digest, over.digest);
        for cut in cuts {
            if let Cut::Hidden(at) = cut {
                text.push_str(self.id(AdvisoryIx(*at))?);
                text.push('\n');
            }
        }
        Ok(format!("blake3:{}", blake3::hash(text.as_bytes()).to_hex()))
    }
}

impl FeedRow {
    /// Takes over what another file brought of the same feed.
    fn add(&mut self, other: &Self) {
        let (info, more) = (&mut self.info, &other.info);
        info.as_of = match (self.as_of_stated, other.as_of_stated) {
            (true, false) => info.as_of,
            (false, true) => more.as_of,
            _ => info.as_of.max(more.as_of),
        };
        self.as_of_stated |= other.as_of_stated;
        info.read = info.read.saturating_add(more.read);
        info.kept = info.kept.saturating_add(more.kept);
        for (reason, count) in &more.skipped {
            match info
                .skipped
                .binary_search_by(|(known, _)| known.cmp(reason))
            {
                Ok(at) => info.skipped[at].1 = info.skipped[at].1.saturating_add(*count),
                Err(at) => info.skipped.insert(at, (reason.clone(), *count)),
            }
        }
    }
}

impl Part {
    /// The feeds that carry an advisory, one for each copy of it.
    fn carriers(&self, number: u32) -> Result<Vec<&str>, CatalogError> {
        let (head, mut cursor) = self.advisory_head(number)?;
        let mut names = Vec::new();
        for _ in 0..head.copies {
            let copy = read_copy(&mut cursor, self.strings())?;
            for feed in copy.feeds {
                names.push(self.feed_name(feed)?);
            }
        }
        Ok(names)
    }
}
