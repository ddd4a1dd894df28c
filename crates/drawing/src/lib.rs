//! Charts, text tables and every escape: the only place where outside text is made safe for a medium.
