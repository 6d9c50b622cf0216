# Contract of the official image for 18: user 999, one mount at /var/lib/postgresql, PGDATA below it, POSTGRES_* variables.
ARG BASE
FROM ${BASE}
RUN groupadd --gid 999 postgres && useradd --uid 999 --gid 999 --home-dir /var/lib/postgresql --shell /bin/bash postgres \
 && install -d -o postgres -g postgres -m 1777 /var/lib/postgresql /var/run/postgresql \
 && install -d /docker-entrypoint-initdb.d
COPY postgres/ /usr/lib/postgresql/18/
COPY pg_isready /usr/lib/postgresql/18/bin/pg_isready
RUN echo /usr/lib/postgresql/18/lib > /etc/ld.so.conf.d/postgres.conf && ldconfig
COPY --chmod=0755 docker-entrypoint.sh /usr/local/bin/docker-entrypoint.sh
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/18/bin \
    LANG=C.UTF-8 \
    PG_MAJOR=18 \
    PGDATA=/var/lib/postgresql/18/docker
VOLUME /var/lib/postgresql
ENTRYPOINT ["docker-entrypoint.sh"]
STOPSIGNAL SIGINT
EXPOSE 5432
CMD ["postgres"]
