select entity, entity_id, version from muster.broken_event_chains()
