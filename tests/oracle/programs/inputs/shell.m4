syscmd(`echo from syscmd')dnl
esyscmd(`echo from esyscmd')dnl
