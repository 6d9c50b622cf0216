import { describe, expect, it } from "vitest";
import { FIT as fit } from "../../../test/support/external-facts.ts";
import { fillIn } from "./administrator-sql.ts";
import type { ExternalFacts } from "./external-facts.ts";
import { findMissingRights, findUnfit } from "./judge-external.ts";

describe("a server", () => {
  it("that is as the board needs it lacks nothing", () => {
    expect(findUnfit(fit)).toEqual([]);
  });

  it.each<[string, Partial<ExternalFacts>, RegExp]>([
    ["of an older release", { version_number: 170_006 }, /Postgres 17; the board needs 18/],
    ["of a newer release", { version_number: 190_000 }, /Postgres 19; the board needs 18/],
    ["that follows another", { is_standby: true, is_read_only: true }, /a standby/],
    ["that takes no writes", { is_read_only: true }, /takes no writes/],
    ["with another encoding", { encoding: "SQL_ASCII" }, /SQL_ASCII/],
    ["that keeps passwords weakly", { password_encryption: "md5" }, /md5/],
    ["with room for few", { connections: 20 }, /lets 20 connections in/],
  ])("%s is named as such, in one sentence", (_what, change, sentence) => {
    expect(findUnfit({ ...fit, ...change })).toEqual([expect.stringMatching(sentence)]);
  });
});

describe("a login", () => {
  it("that was given what the printed statements give lacks nothing, and neither does a superuser", () => {
    expect(findMissingRights(fit, [])).toEqual([]);
    const stranger = {
      ...fit,
      missing_roles: ["muster_owner"],
      closed_roles: ["muster_directus"],
      owns_database: false,
    };
    expect(findMissingRights({ ...stranger, is_superuser: true }, ["muster_rag"])).toEqual([]);
  });

  it("that may make roles needs none beforehand", () => {
    const bare = { ...fit, makes_roles: true, missing_roles: ["muster_owner", "muster_rag"], fixed_roles: [] };
    expect(findMissingRights(bare, [])).toEqual([]);
  });

  it.each<[string, Partial<ExternalFacts>, readonly string[], RegExp]>([
    [
      "may not make the roles that are missing",
      { missing_roles: ["muster_rag"] },
      [],
      /CREATEROLE, or the roles muster_rag/,
    ],
    ["may not work in the owner's name", { closed_roles: ["muster_owner"] }, [], /Membership in muster_owner/],
    ["does not own the database", { owns_database: false }, [], /Ownership of the database/],
    ["may not set a password that is another", {}, ["muster_portal"], /passwords of muster_portal/],
  ])("that %s is told so", (_what, change, locked, sentence) => {
    expect(findMissingRights({ ...fit, ...change }, locked)).toEqual([expect.stringMatching(sentence)]);
  });

  it("that may set a password needs not have the right one", () => {
    expect(findMissingRights({ ...fit, fixed_roles: [] }, ["muster_portal"])).toEqual([]);
  });
});

describe("the administrator's statements", () => {
  it("have names and texts filled in so that neither can end early", () => {
    const script = `grant x to :"login"; select f(:'word'), '::text', a::text`;
    expect(fillIn(script, { login: 'a"; drop role b', word: "it's" })).toBe(
      `grant x to "a""; drop role b"; select f('it''s'), '::text', a::text`,
    );
  });
});
