// In place of the tracker of an earlier release, which a page has pinned.
