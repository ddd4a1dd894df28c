//! Lists that many have in common are kept once: the packages of hosts made from one image, the hits of the packages of one
//! source. A list goes when its last user does.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

/// The lists in use.
#[derive(Clone, Debug)]
pub(super) struct Interned<T> {
    lists: HashSet<Arc<[T]>>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self {
            lists: HashSet::new(),
        }
    }
}

impl<T: Eq + Hash> Interned<T> {
    /// The one copy of a list.
    pub(super) fn take(&mut self, list: Vec<T>) -> Arc<[T]> {
        if let Some(known) = self.lists.get(list.as_slice()) {
            return Arc::clone(known);
        }
        let list: Arc<[T]> = list.into();
        self.lists.insert(Arc::clone(&list));
        list
    }

    /// Gives a copy back. The second of two is ours, so a list with no other user goes.
    pub(super) fn give_back(&mut self, list: Arc<[T]>) {
        if Arc::strong_count(&list) == 2 {
            self.lists.remove(&*list);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.lists.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_there_once_and_as_long_as_somebody_has_it() {
        let mut interned = Interned::default();
        let one = interned.take(vec![1, 2]);
        let other = interned.take(vec![1, 2]);
        assert!(Arc::ptr_eq(&one, &other));
        interned.give_back(one);
        assert_eq!(interned.len(), 1);
        interned.give_back(other);
        assert_eq!(interned.len(), 0);
    }
}
