"""Files of subscribers become rows. One module per format, all of one shape: `read(path, mapping)` yields
`Row` and `Reject`, in the order of the file, as they are asked for."""
