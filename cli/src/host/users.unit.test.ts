import { expect, test } from "vitest";
import { CliError } from "../errors/cli-error.ts";
import { ensureSystemUser, parsePasswd, type UserAccounts } from "./users.ts";

const PASSWD = "root:x:0:0:root:/root:/bin/bash\nelk-os:x:998:997::/nonexistent:/usr/sbin/nologin\n";

test("a user is found by its whole name", () => {
  expect(parsePasswd(PASSWD, "elk-os")).toEqual({ uid: 998, gid: 997 });
  expect(parsePasswd(PASSWD, "elk")).toBeNull();
});

const signal = new AbortController().signal;
const MADE = { uid: 998, gid: 997 };

/** Accounts in which useradd ends with a code, and another elk-os has made the user by the look after so many. */
function refusing(exitCode: number, seenAtLook: number): UserAccounts & { readonly looks: () => number } {
  let looks = 0;
  return {
    looks: () => looks,
    find: () => (++looks >= seenAtLook ? MADE : null),
    make: async () => {
      throw new CliError("INSTALL_FAILED", { message: "no", hint: "no", facts: { exitCode } });
    },
  };
}

test.each([1, 9, 10])(
  "a user that another elk-os makes at the same moment is taken when useradd ends with %i",
  async (code) => {
    const accounts = refusing(code, 3);
    expect(await ensureSystemUser("elk-os", signal, accounts)).toEqual(MADE);
    expect(accounts.looks()).toBe(3);
  },
);

test("a useradd that is refused for another reason is not waited for", async () => {
  const accounts = refusing(3, 2);
  await expect(ensureSystemUser("elk-os", signal, accounts)).rejects.toMatchObject({ code: "INSTALL_FAILED" });
  expect(accounts.looks()).toBe(1);
});

test("root's own name is refused before anything is made", async () => {
  const accounts: UserAccounts = {
    find: () => ({ uid: 0, gid: 0 }),
    make: async () => {
      throw new Error("made");
    },
  };
  await expect(ensureSystemUser("root", signal, accounts)).rejects.toMatchObject({ code: "PREFLIGHT_FAILED" });
});
