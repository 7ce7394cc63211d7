"""RFC 6962 hashing and RFC 9162 proof verification, from the RFCs' text."""

import hashlib


def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes):
    """The tree head over leaf hashes (RFC 9162, section 2.1.1)."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return node_hash(root_of(hashes[:split]), root_of(hashes[split:]))


def included(leaf, index, size, path, root):
    """RFC 9162, section 2.1.3.2."""
    if index >= size:
        return False
    node, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            while node and not node & 1:
                node >>= 1
                last >>= 1
        else:
            found = node_hash(found, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and found == root


def consistent(old_size, size, path, old_root, root):
    """RFC 9162, section 2.1.4.2, and its trivial cases."""
    if old_size > size:
        return False
    if old_size == size:
        return not path and old_root == root
    if old_size == 0:
        return not path and old_root == root_of([])
    if not path:
        return False
    path = list(path)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    node, last = old_size - 1, size - 1
    while node & 1:
        node >>= 1
        last >>= 1
    old_found = found = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old_found = node_hash(sibling, old_found)
            found = node_hash(sibling, found)
            while node and not node & 1:
                node >>= 1
                last >>= 1
        else:
            found = node_hash(found, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and old_found == old_root and found == root


def range_root(first, leaves, size, left, right):
    """The root that a range proof leads to (docs/formats.md, "Range proof"), or None when its shape does not fit.

    Walks the tree of `size` leaves from left to right: subtrees before the range are taken from `left`, those behind it
    from `right`, and what lies within is hashed.
    """
    end = first + len(leaves)
    lefts, rights = list(left), list(right)

    def root(start, count):
        if start >= first and start + count <= end:
            return root_of(leaves[start - first : start + count - first])
        if start + count <= first:
            return lefts.pop(0)
        if start >= end:
            return rights.pop(0)
        split = 1 << ((count - 1).bit_length() - 1)
        before = root(start, split)
        return node_hash(before, root(start + split, count - split))

    if not 0 <= first < end <= size:
        return None
    try:
        found = root(0, size)
    except IndexError:
        return None
    return found if not lefts and not rights else None
