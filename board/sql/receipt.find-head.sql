select h.hash from muster.chain_heads h where h.chain = 'receipts'
