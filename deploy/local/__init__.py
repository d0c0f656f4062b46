"""The stack on one machine: PostgreSQL, Apache Kafka, and the services on them."""
