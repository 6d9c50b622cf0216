/** Where an agent's token is kept and how wired clients name it; the token itself is in neither. */
export interface TokenNames {
  /** Environment variable that client configs reference. */
  readonly variable: `ELK_OS_TOKEN_${string}`;
  /** File name in the secrets folder. */
  readonly secret: `agent-${string}`;
}

/** `a01` → `ELK_OS_TOKEN_A01`, `agent-a01`. */
export function tokenNames(agent: string): TokenNames {
  return { variable: `ELK_OS_TOKEN_${agent.toUpperCase().replaceAll("-", "_")}`, secret: `agent-${agent}` };
}
