"""Bencode, read by hand: as strictly as it can be for what ours sends, generously for what others send."""


class Broken(Exception):
    """Not bencode, or not in its one canonical form."""


def canonical(data):
    """The value, if the data is its canonical form: keys sorted and unique, no leading zeros, nothing after it."""
    value, end = _read(data, 0, True)
    if end != len(data):
        raise Broken(f"{len(data) - end} bytes after the value")
    return value


def generous(data):
    """The value at the start of the data, in whatever form."""
    return _read(data, 0, False)[0]


def _read(data, at, strict):
    if at >= len(data):
        raise Broken("ends too early")
    first = data[at]
    if 0x30 <= first <= 0x39:
        return _string(data, at, strict)
    if first == 0x69:  # i
        end = data.find(b"e", at)
        if end < 0:
            raise Broken("an integer without an end")
        return _number(data[at + 1:end], strict), end + 1
    if first == 0x6C:  # l
        return _list(data, at + 1, strict)
    if first == 0x64:  # d
        return _dictionary(data, at + 1, strict)
    raise Broken(f"{first:#x} begins no value")


def _number(digits, strict):
    bare = digits[1:] if digits[:1] == b"-" else digits
    if not bare.isdigit():
        raise Broken(f"{digits!r} is no integer")
    if strict and (bare[:1] == b"0" and len(bare) > 1 or digits == b"-0"):
        raise Broken(f"{digits!r} has leading zeros")
    return int(digits)


def _string(data, at, strict):
    colon = data.find(b":", at)
    length = data[at:colon] if colon > 0 else b""
    if not length.isdigit() or len(length) > 5:
        raise Broken("a string without a length")
    if strict and length[:1] == b"0" and len(length) > 1:
        raise Broken(f"the length {length!r} has leading zeros")
    end = colon + 1 + int(length)
    if end > len(data):
        raise Broken("a string beyond the end")
    return data[colon + 1:end], end


def _list(data, at, strict):
    items = []
    while data[at:at + 1] != b"e":
        item, at = _read(data, at, strict)
        items.append(item)
    return items, at + 1


def _dictionary(data, at, strict):
    items = {}
    last = None
    while data[at:at + 1] != b"e":
        if not data[at:at + 1].isdigit():
            raise Broken("a key that is no string")
        key, at = _string(data, at, strict)
        if strict and last is not None and key <= last:
            raise Broken(f"the key {key!r} after {last!r}")
        last = key
        items[key], at = _read(data, at, strict)
    return items, at + 1


def write(value):
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, list):
        return b"l%se" % b"".join(map(write, value))
    return b"d%se" % b"".join(write(key) + write(value[key]) for key in sorted(value))


def check_the_checker():
    """The strict reader is what the proof rests on: it has to see each way in which a form is not canonical."""
    for good in (b"d1:ai0e1:bli-1e0:ee", b"i10e", b"de", b"10:0123456789"):
        assert write(canonical(good)) == good
    for wrong in (b"d1:bi0e1:ai0ee", b"d1:ai0e1:ai0ee", b"i00e", b"i-0e", b"i01e", b"i-e", b"ie", b"i+1e", b"01:a",
                  b"00:", b"dee", b"d1:ai0e", b"l", b"2:a", b"", b"e", b"di0ei0ee", b"d1:ae", b"i1", b"-1:a"):
        try:
            canonical(wrong)
        except Broken:
            continue
        raise AssertionError(f"{wrong!r} passed")
