-- Trainings that other offices gave the programme's people, as registry told. An addition: the
-- previous release goes on under it. Written by the projection training.outside-trainings only.
create table known_outside_training (
    generation          smallint      not null,
    outside_training_id uuid          not null,
    version             bigint        not null,
    person_id           uuid          not null,
    by_office           text          not null,
    title               text          not null,
    topics              text          not null,      -- codes, separated by spaces
    began_on            date          not null,
    ended_on            date          not null,
    hours               numeric(12,3) not null,
    primary key (generation, outside_training_id)
);
create index known_outside_training_person on known_outside_training (person_id, generation);
create view known_outside_training_now as
select outside_training_id, version, person_id, by_office, title, topics, began_on, ended_on, hours
from known_outside_training
where generation = coalesce(
    (select generation from projection where name = 'training.outside-trainings'), 1);
