"""From an assessment to what people read: one document model, and a writer for each format."""
