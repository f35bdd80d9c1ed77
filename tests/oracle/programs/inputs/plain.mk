all: one two
one:
	@echo making one
two: one
	@echo making two
