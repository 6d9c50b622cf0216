import { describe, expect, it } from "vitest";
import { agentUserId } from "./agents.ts";

describe("an agent's user id", () => {
  it("is a version 5 uuid made from the name, the same every time", () => {
    expect(agentUserId("a01")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(agentUserId("a01")).toBe(agentUserId("a01"));
    expect(agentUserId("a02")).not.toBe(agentUserId("a01"));
  });
});
