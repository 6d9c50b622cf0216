# Contract of the official image: caddy in /usr/bin with the capability to bind low ports, /config and /data, Caddyfile in /etc/caddy.
ARG BASE
FROM ${BASE}
COPY caddy /usr/bin/caddy
RUN ln -s /bin/busybox /usr/bin/wget && setcap cap_net_bind_service=+ep /usr/bin/caddy && mkdir -p /config/caddy /data/caddy /etc/caddy /srv
ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data
EXPOSE 80 443 443/udp 2019
WORKDIR /srv
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
