-- The log. A group is what was committed in one go; intake is when it reached us.
CREATE TABLE log_group (
    number bigint PRIMARY KEY,
    intake_s double precision NOT NULL,
    is_end boolean NOT NULL
);

CREATE TABLE sighting (
    group_number bigint NOT NULL REFERENCES log_group,
    place integer NOT NULL,
    id text NOT NULL UNIQUE,
    camera text NOT NULL,
    start_s double precision NOT NULL,
    end_s double precision NOT NULL,
    width_px integer NOT NULL,
    height_px integer NOT NULL,
    times_s bytea NOT NULL,        -- float64, little-endian
    boxes_px bytea NOT NULL,       -- float32 (n, 4), little-endian
    feet_px bytea NOT NULL,        -- float32 (n, 2), little-endian
    quality double precision NOT NULL,
    model text NOT NULL,
    continues text,
    presence text NOT NULL,
    had_embedding boolean NOT NULL,
    PRIMARY KEY (group_number, place)
);
CREATE INDEX sighting_camera_start ON sighting (camera, start_s);

-- A table of its own: it is emptied much sooner than the rest, and is then small enough to be rewritten at once.
CREATE TABLE embedding (
    group_number bigint NOT NULL,
    place integer NOT NULL,
    vector halfvec NOT NULL,
    PRIMARY KEY (group_number, place)
);

-- The ledger. A resolution is one way in which the log was resolved; the newest is the one that counts.
CREATE TABLE resolution (
    number bigint PRIMARY KEY,
    fingerprint text,              -- null: something was erased since, so it has to be resolved again
    begun_s double precision NOT NULL,
    last_entry bigint NOT NULL
);

CREATE TABLE entry (
    resolution bigint NOT NULL REFERENCES resolution ON DELETE CASCADE,
    number bigint NOT NULL,
    kind text NOT NULL,
    time_s double precision NOT NULL,
    identity bigint,
    sightings text[] NOT NULL,
    from_identity bigint,
    match json,                    -- json, not jsonb: the text of a float is kept as it is
    lineage bigint[] NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (resolution, number)
);

CREATE TABLE forgotten (
    camera text NOT NULL,
    start_s double precision NOT NULL,
    end_s double precision NOT NULL
);

CREATE TABLE camera_event (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    intake_s double precision NOT NULL,
    camera text NOT NULL,
    time_s double precision NOT NULL,
    kind text NOT NULL,
    detail text NOT NULL,
    extra json NOT NULL
);

CREATE TABLE furniture (
    camera text PRIMARY KEY,
    records json NOT NULL
);

-- Pictures, videos and exports that Retrail wrote, and whom they show.
CREATE TABLE written_file (
    path text PRIMARY KEY,
    kind text NOT NULL,
    noted_s double precision NOT NULL,
    size_bytes bigint NOT NULL,
    modified_ns bigint NOT NULL,
    spans json NOT NULL,           -- [[camera, start_s, end_s], …]
    identities bigint[] NOT NULL
);

CREATE TABLE search (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    made_s double precision NOT NULL,
    what text NOT NULL,
    identity bigint
);

CREATE TABLE holder (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    holder json NOT NULL
);

-- What was deleted is gone from the files of the database only when its tables have been written anew.
CREATE TABLE upkeep (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    swept_s double precision NOT NULL,       -- when expired journeys were last erased
    stale_tables text[] NOT NULL             -- tables still to be written anew
);
INSERT INTO upkeep (swept_s, stale_tables) VALUES ('-Infinity', '{}');

-- The planner's statistics hold samples of the values: none of what may have to be forgotten.
ALTER TABLE sighting ALTER id SET STATISTICS 0, ALTER continues SET STATISTICS 0,
    ALTER times_s SET STATISTICS 0, ALTER boxes_px SET STATISTICS 0, ALTER feet_px SET STATISTICS 0,
    ALTER start_s SET STATISTICS 0, ALTER end_s SET STATISTICS 0, ALTER quality SET STATISTICS 0;
ALTER TABLE embedding ALTER vector SET STATISTICS 0;
ALTER TABLE entry ALTER sightings SET STATISTICS 0, ALTER match SET STATISTICS 0, ALTER reason SET STATISTICS 0,
    ALTER time_s SET STATISTICS 0, ALTER identity SET STATISTICS 0, ALTER from_identity SET STATISTICS 0;
ALTER TABLE written_file ALTER path SET STATISTICS 0, ALTER spans SET STATISTICS 0;
ALTER TABLE search ALTER what SET STATISTICS 0, ALTER identity SET STATISTICS 0;
