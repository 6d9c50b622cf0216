set role muster_directus
