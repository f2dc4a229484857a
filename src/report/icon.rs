//! The icon of every page, written into it: a page that opens from the disk has no other file to name, and a server
//! is not asked for one that it has not.

/// A tick on a blue ground, as an address that the policy of a page has to allow (`img-src data:`).
pub(crate) const ICON: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQAgMAAABinRfyAAAACVBMVEUAAAALV6T///+hIKKYAAAAAXRSTlMAQObYZgAAADBJREFUeNpjEA0NDWEIBQIsxFQgEQYkpkYBiaVZQLGVK4FE1lIgETUVSISh6AAZBQCgrxd9/GK4UwAAAABJRU5ErkJggg==";
