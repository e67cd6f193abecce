"""Which code an outcome depends on: the definitions that can be reached, whatever files they stand in.

`tree` hashes a statement, `names` finds what it reads, `import_time` whether it acts when its module is
imported, `module` puts these together for a file, `sources` finds the files, `graph` leads from a definition
to those it uses, `members` to single members of a class, and `reach` closes over that.
"""
