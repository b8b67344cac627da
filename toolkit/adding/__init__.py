"""What :mod:`toolkit.add` is made of, in the order in which a source goes through it.

:mod:`~toolkit.adding.listing` finds the files, :mod:`~toolkit.adding.reading` reads those that have changed, and
:mod:`~toolkit.adding.pages` what is no file; :mod:`~toolkit.adding.intake` puts their articles into the store, where
:mod:`~toolkit.adding.succession` tells new versions from new articles. :mod:`~toolkit.adding.stale` finds what ``sync``
has to take out, and :mod:`~toolkit.adding.distributed` does all of it on a Ray cluster.
"""
