/** Secrets that services read when they start: starting them again is what puts a new value in force. */
import { createHmac } from "node:crypto";
import { ownerOf } from "../directus/agents.ts";
import { probeIdentity } from "../identity/probe-identity.ts";
import { directusUrl } from "../stack/directus-admin.ts";
import { administrator } from "./directus-token.ts";
import { changed, live, type SecretUse, unknown } from "./standing.ts";

/** How long the session that asks after directus_secret could be used. */
const SESSION_SECONDS = 30;

/** Directus takes a session that was signed with its secret; one is signed here, used once, and never leaves this process. */
export const directusSecret: SecretUse = {
  put: null,
  async look(stack, value, signal) {
    try {
      const { id } = await administrator(stack);
      const now = Math.floor(Date.now() / 1000);
      const claims = { id, role: null, app_access: false, admin_access: false, iss: "directus" };
      const token = sign({ ...claims, iat: now, exp: now + SESSION_SECONDS }, value.reveal());
      const owner = await ownerOf({ url: directusUrl(stack), token, signal });
      return owner === id ? live("Directus takes what it signs") : changed("Directus refuses what it signs");
    } catch (error) {
      return unknown(error);
    }
  },
};

function sign(claims: Readonly<Record<string, unknown>>, key: string): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const body = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${body}.${createHmac("sha256", key).update(body).digest("base64url")}`;
}

export const ragKey: SecretUse = {
  put: null,
  async look({ config }, value, signal) {
    try {
      const response = await fetch(`http://127.0.0.1:${config.ragPort}/search`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${value.reveal()}` },
        body: JSON.stringify({ query: "probe", limit: 1 }),
        signal,
      });
      await response.body?.cancel();
      if (response.status === 401 || response.status === 403) return changed(`search answers ${response.status} to it`);
      return response.ok ? live("search takes it") : unknown(`search answered ${response.status}`);
    } catch (error) {
      return unknown(error);
    }
  },
};

/** What is derived from it signs every service's identity; search stands for all three, which start from the same file. */
export const instanceKey: SecretUse = {
  put: null,
  async look({ config, instance }, value, signal) {
    const { verdict, evidence } = await probeIdentity({
      port: config.ragPort,
      service: "rag",
      instanceKey: Buffer.from(value.reveal(), "hex"),
      instance: instance().instanceId,
      signal,
    });
    if (verdict === "UNREACHABLE") return unknown(evidence);
    return verdict === "IMPOSTOR" ? changed(`search signs with another key: ${evidence}`) : live(evidence);
  },
};
