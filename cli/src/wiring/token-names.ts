/** Where an agent's token is kept and how wired clients name it; the token itself is in neither. */
export interface TokenNames {
  /** Environment variable that client configs reference. */
  readonly variable: `ELK_OS_TOKEN_${string}`;
  /** File name in the secrets folder. */
  readonly secret: `agent-${string}`;
}

/** Environment variable that client configs reference for the key of search, which all agents of an instance share. */
export const SEARCH_KEY_VARIABLE = "ELK_OS_RAG_KEY";
/** File name of that key in the secrets folder. */
export const SEARCH_KEY_SECRET = "rag_key";

/** `a01` → `ELK_OS_TOKEN_A01`, `agent-a01`. */
export function tokenNames(agent: string): TokenNames {
  return { variable: `ELK_OS_TOKEN_${agent.toUpperCase().replaceAll("-", "_")}`, secret: `agent-${agent}` };
}
