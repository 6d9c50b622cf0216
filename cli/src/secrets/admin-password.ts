import crypto, { timingSafeEqual } from "node:crypto";
import { CliError } from "../errors/cli-error.ts";
import { openAdmin } from "../stack/directus-admin.ts";
import { administrator } from "./directus-token.ts";
import { changed, live, type SecretUse, unknown } from "./standing.ts";

/** The Studio login. Its hash is computed here, not tried: a login that fails counts towards locking the account. */
export const adminPassword: SecretUse = {
  async look(stack, value) {
    try {
      const { password: hash } = await administrator(stack);
      if (hash === null) return changed("the administrator has no password in Directus");
      return isPasswordOf(hash, value.reveal())
        ? live("it is the password of the administrator")
        : changed("the administrator has another password");
    } catch (error) {
      return unknown(error);
    }
  },
  async put(stack, value, signal) {
    const { id } = await administrator(stack);
    await openAdmin(stack, signal).request("PATCH", `/users/${id}`, { body: { password: value.reveal() } });
  },
};

/** `$argon2id$v=19$m=65536,t=3,p=4$salt$tag` */
const ENCODED =
  /^\$(?<algorithm>argon2id|argon2i|argon2d)\$v=19\$m=(?<memory>\d+),t=(?<passes>\d+),p=(?<parallelism>\d+)\$(?<salt>[\w+/]+)\$(?<tag>[\w+/]+)$/;

/** @throws CliError INTERNAL for a hash of another kind, and below Node 24.7, which cannot compute this one */
export function isPasswordOf(hash: string, password: string): boolean {
  // Not imported by name: below 24.7 the whole CLI would not load.
  if (typeof crypto.argon2Sync !== "function") {
    throw new CliError("INTERNAL", {
      message: `Node ${process.versions.node} cannot compute the hash in which Directus keeps the administrator's password.`,
      hint: "Set ELK_OS_NODE to Node 24.7 or newer, or log in to the Studio to see whether the password is right.",
    });
  }
  const parts = ENCODED.exec(hash)?.groups;
  if (parts === undefined) {
    throw new CliError("INTERNAL", {
      message: "Directus keeps the administrator's password in a form that this release does not know.",
      hint: "Log in to the Studio to see whether secrets/directus_admin_password is right.",
    });
  }
  const { algorithm, memory, passes, parallelism, salt = "", tag = "" } = parts;
  const wanted = Buffer.from(tag, "base64");
  const made = crypto.argon2Sync(algorithm as "argon2id", {
    message: password,
    nonce: Buffer.from(salt, "base64"),
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: wanted.length,
  });
  return timingSafeEqual(made, wanted);
}
