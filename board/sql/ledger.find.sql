select to_regclass('muster.migrations') is not null as present
