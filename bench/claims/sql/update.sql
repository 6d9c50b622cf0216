\set row random(1, 10000)
update bench_rows set counter = counter + 1 where id = :row returning counter;
