all: one two
	@echo done $(shell echo from-shell)
one:
	@echo making one
two: one
	@echo making two; echo and more
